"""The law book: the policy version in force on a date. Where the law is made stands in council.policy.

Every threshold is a field with unit, range, sentence and default (fixtures/policy.json); a version holds a value
for each.
"""
