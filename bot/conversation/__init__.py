"""What we say next. Pure: state, event and context in; state and effects out."""
