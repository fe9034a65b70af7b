"""One survey per closure: solved? satisfied?"""
