"""The dialogue with a caller on Asterisk: our FastAGI server and the dialplan that leads to it."""
