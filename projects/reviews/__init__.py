"""Expert reviews: independent verdicts per criterion, shown together once all are in or due.

A reviewer holds a confirmed grant for the topic and is never interested in the initiative. Reviews are superseded by a
new round, never deleted; the clock stops while the owner holds the request.
"""
