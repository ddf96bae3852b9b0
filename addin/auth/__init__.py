"""Who a request comes from: Entra ID, as xlwings Server does it."""
