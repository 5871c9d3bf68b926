"""What several wrong programs have in common, so that each shows no more than what is wrong."""
