"""What the commands of qa.cli do: thin callers of the library, imported when they run."""
