"""Pages about people: roles, invitations, handover, the own account."""
