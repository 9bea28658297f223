"""Time comes in; what is kept no longer leaves. Here one person's data are also found, erased, and erased again after a restore."""
