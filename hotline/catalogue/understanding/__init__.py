"""From a citizen's words to items and alarms: `classifier.Classifier.suggest`, and what it is made of."""
