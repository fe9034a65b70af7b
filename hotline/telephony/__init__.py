"""Control of telephone systems and their events. What is said to the caller is ivr's."""
