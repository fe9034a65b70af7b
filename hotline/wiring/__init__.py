"""Assembly: the only package that knows every part."""
