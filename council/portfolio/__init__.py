"""The portfolio: every initiative by stage with money, value, status and what comes next, in board and table."""
