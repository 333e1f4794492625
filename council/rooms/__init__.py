"""The meeting room and the agenda page: what each person at the table sees and may do, refreshed as the meeting goes."""
