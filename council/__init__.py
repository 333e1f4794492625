"""The council: seats, meetings, decisions, spend lists, packs, escalations and the making of policy."""
