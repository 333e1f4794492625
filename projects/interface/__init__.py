"""The API's common law: who calls and for what, problem documents, lists by key, and calls that are sent twice.

An API view is thin like a page's: it reads the call, calls the service or selector that the page calls, and answers.
"""
