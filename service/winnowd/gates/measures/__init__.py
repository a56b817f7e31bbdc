"""What gates measure with: a text from all sides, its words, language and damage, and how a grade is worded."""
