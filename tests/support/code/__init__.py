"""What tests read out of the source code, and pages whose examples they run."""
