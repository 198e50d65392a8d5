# The scanner and the parser are made in the build folder. Explicit rules instead of ylwrap, so that
# #line and dependencies are right.
