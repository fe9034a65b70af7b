"""The line as Twilio plays it: signed webhooks in, TwiML out."""
