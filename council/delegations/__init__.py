"""The decision log, and the pages on which decisions are made between meetings: by delegation, by the chair, by the board.

Every decision prints its authority row and the policy version. A delegated decision is listed in the next consent
block; a chair's action is ratified by the next meeting, else frozen and its rest returned.
"""
