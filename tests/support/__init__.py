"""What tests share: small layers and machines, files, paths."""
