"""*Confirmed* claims come in; which letter answers them and what must be done in which system leaves for approval."""
