"""Read a table that somebody else made, as text, and say what was found on the way.

Words: a *line* is one record of the file, under the number a person finds it at; a *note* is a remark that refuses
nothing. Always true: cells stay the text that was delivered, nothing is guessed silently, no file is unpacked beyond
its cap.
"""
