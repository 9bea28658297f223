"""The pages a person comes to from our letter: what is asked, a code to type, yes or no. Opening a page changes nothing."""
