"""Meetings: draft → notice sent → pack frozen → in session → adjourned → minutes approved; or cancelled.

Attendance is taken per item; no proxies. A meeting runs under the policy in force at its pack freeze.
"""
