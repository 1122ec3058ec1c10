"""A layout's settings found by pages whose values are known: what reads them best, unless chance explains it."""
