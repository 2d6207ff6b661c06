"""The parts of the documentation that are made from the code: references, drawings, tables, figures in the text.

The files are committed, so that they can be read without building anything. A test fails where one is stale;
`python -m docs.generate` writes all of them.
"""
