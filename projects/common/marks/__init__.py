"""Small marks and charts of the pages and the pack: pure geometry from exact figures, drawn elsewhere.

A mark answers with a drawing (shapes with a kind, such as spend, over, approved) or with the widths of one drawing,
of which a container query shows one. Lengths are pixels; in a fluid drawing horizontal places are percent.
The kinds are the classes of ``static/css/charts.css`` without their leading letter.
"""
