"""Pages for the person who asks and for the staff who answer; every act goes through flow."""
