"""A simulated telephone system for the default run: it speaks as Twilio does; its handsets are pages."""
