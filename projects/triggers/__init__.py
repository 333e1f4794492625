"""The seven review triggers: computed from data, each with its evidence, never left to anybody's honesty."""
