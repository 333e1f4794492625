"""What an outcome does, in one transaction: to stage, money, milestone, conditions, request and escalation."""
