"""Plain values to what people read: terminal lines, Markdown, the corpus index. Pure; outside text is escaped here."""
