"""Excel through xlwings: what its hosts (classic, Server, Lite, Wasm) share."""
