"""*Opened* claims come in; the receipt goes out, and they leave *confirmed*, or *awaiting identity* until the person acts."""
