"""Where the law is made: a draft of thresholds, replayed on history, approved by a second person, binding from a date.

draft → proposed → approved, in force from a day after the approval. Results name the version they were made under.
"""
