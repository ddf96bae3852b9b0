"""The functions through xlwings Server: Excel on Windows, the Mac and the web, from one place."""
