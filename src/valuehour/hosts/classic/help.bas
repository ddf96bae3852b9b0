' What Excel shows about the functions, and the button "About valuehour". Generated: changes are lost.
Option Explicit

Public Sub ShowAbout(control As IRibbonControl)
    Dim report As String
    ReportState report
    MsgBox "Add-in: valuehour {version}" & vbCrLf & report, vbInformation, "valuehour"
End Sub

' Gives every function its category, its description and the help of its arguments.
Public Sub DescribeFunctions()
    On Error GoTo Hidden
    DescribeAll
    Exit Sub
Hidden:
    Resume Shown
Shown:
    ' Some versions of Excel describe the functions of visible workbooks only. This one is shown for a moment.
    On Error Resume Next
    ThisWorkbook.IsAddin = False
    DescribeAll
    ThisWorkbook.IsAddin = True
    ThisWorkbook.Saved = True
End Sub

Private Sub Describe(ByVal functionName As String, ByVal description As String, ByVal argumentHelp As Variant)
    Application.MacroOptions Macro:="'" & ThisWorkbook.Name & "'!" & functionName, Description:=description, _
        Category:="{category}", ArgumentDescriptions:=argumentHelp
End Sub

