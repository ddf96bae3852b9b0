' The worksheet functions of valuehour {version}, calculated in Python. Generated: changes are lost.
'
' A cell hands its arguments over as values. Python answers with a value or with rows of values; texts that name an
' error become that error. Which Python answers stands in the registry of the user, under the name below, where
' "valuehour addin install" wrote it. Nothing here looks at a workbook, at its folder or at any file.
Option Explicit

Private Const PYTHON_NAME As String = "{prog_id}"
Private Const PAUSE_SECONDS As Long = 30

Private python As Object
Private notBefore As Date

' What a function gives. #NAME? says that there is no Python to calculate it; see ReportState.
Private Function Calculated(ByVal functionName As String, ByVal arguments As Variant) As Variant
    Dim values As Variant
    Dim isNew As Boolean

    values = ValuesOf(arguments)
    If Not IsArray(values) Then
        Calculated = values
        Exit Function
    End If
    If Now < notBefore Then
        Calculated = CVErr(2029)
        Exit Function
    End If
    On Error GoTo Failed
Again:
    isNew = python Is Nothing
    If isNew Then Set python = CreateObject(PYTHON_NAME)
    Calculated = WithErrors(python.Calculate(functionName, values))
    Exit Function
Failed:
    ' A cell may ask for more than memory holds. Python goes on answering then, and the other cells keep it.
    If IsAnswering() Then
        Calculated = CVErr(2015)
        Exit Function
    End If
    ' Python may have been ended from outside: it is started once more. If that does not help, the other cells of the
    ' sheet are not kept waiting for it.
    Set python = Nothing
    If Not isNew Then Resume Again
    notBefore = DateAdd("s", PAUSE_SECONDS, Now)
    Calculated = CVErr(2029)
End Function

Private Function IsAnswering() As Boolean
    On Error GoTo Failed
    If python Is Nothing Then Exit Function
    IsAnswering = Len(python.About()) > 0
Failed:
End Function

' The arguments with values in the place of ranges; #VALUE! if a range has several areas.
Private Function ValuesOf(ByVal arguments As Variant) As Variant
    Dim values() As Variant
    Dim place As Long

    If UBound(arguments) < LBound(arguments) Then
        ValuesOf = arguments
        Exit Function
    End If
    ReDim values(LBound(arguments) To UBound(arguments))
    For place = LBound(arguments) To UBound(arguments)
        If IsObject(arguments(place)) Then
            If arguments(place).Areas.Count > 1 Then
                ValuesOf = CVErr(2015)
                Exit Function
            End If
            values(place) = arguments(place).Value2
        Else
            values(place) = arguments(place)
        End If
    Next place
    ValuesOf = values
End Function

' A result, or rows of results, with errors in the place of the texts that name them.
Private Function WithErrors(ByVal result As Variant) As Variant
    Dim row As Long
    Dim column As Long

    If IsArray(result) Then
        For row = LBound(result, 1) To UBound(result, 1)
            For column = LBound(result, 2) To UBound(result, 2)
                If VarType(result(row, column)) = vbString Then
                    result(row, column) = WithError(result(row, column))
                End If
            Next column
        Next row
        WithErrors = result
    ElseIf VarType(result) = vbString Then
        WithErrors = WithError(result)
    Else
        WithErrors = result
    End If
End Function

Private Function WithError(ByVal text As String) As Variant
    Select Case text
{errors}
        Case Else: WithError = text
    End Select
End Function

' Whether Python answers, for people; asks at once, also after a failure.
Public Sub ReportState(ByRef report As String)
    notBefore = 0
    If Not IsAnswering() Then Set python = Nothing
    On Error GoTo Failed
    If python Is Nothing Then Set python = CreateObject(PYTHON_NAME)
    report = python.About()
    Exit Sub
Failed:
    report = "Python does not answer: " & Err.Description & vbCrLf & vbCrLf & _
        "Cells show #NAME? until it does. To repair it, close Excel and type: valuehour addin install"
    Set python = Nothing
End Sub
