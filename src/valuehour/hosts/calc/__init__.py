"""LibreOffice Calc: our functions as an extension, and workbooks recalculated with it."""
