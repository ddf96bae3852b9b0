"""Tokens of Entra ID, judged by xlwings Server itself; where its keys come from is told in jwks.py."""

from xlwings_server.auth.entraid import validate_token

__all__ = ["validate_token"]
