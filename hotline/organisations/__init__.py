"""Departments, firms and areas: who serves what, where."""
