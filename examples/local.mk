# EXTRA_DIST += %D%/nuts
