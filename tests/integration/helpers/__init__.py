"""What the tests of the whole site share."""
