"""Excel with Python in the browser: xlwings Lite, and a site of our own. Neither needs a server or a licence key."""
