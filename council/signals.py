"""What happened in the council, told to whoever listens: past-tense signals."""

from django.dispatch import Signal

agenda_built = Signal()  # meeting, by, at: before its items are numbered
meeting_adjourned = Signal()  # meeting, by, at
