"""Reading of ONNX models."""
