"""The pages of agents: console, tickets, call-backs."""
