"""Learning from people: every choice of an item is kept, models are rebuilt from the accepted ones, a golden
set guards the swap."""
