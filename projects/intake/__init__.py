"""How initiatives come in: a portfolio from somebody else's spreadsheet.

Words: a *mapping* says which of their columns is which of ours, what their stage labels mean and how they write dates
and money; a row is *accepted* (a new initiative), *merged* (already here under the same organisation and id) or
*refused* (with line, column, value and reason). Always true: rows = accepted + merged + refused, and the same file
again changes nothing.
"""
