# Programs to read and to start from. tests/examples.sh runs each and compares with expected.*.
EXTRA_DIST += \
    %D%/README.md \
    %D%/embed/README.md \
    %D%/embed/embed.c \
    %D%/embed/expected.csv \
    %D%/embed/request.jsonl \
    %D%/embed/shoes.csv \
    %D%/embed/shop.rank \
    %D%/midway/README.md \
    %D%/midway/expected.by_coolness \
    %D%/midway/expected.by_price \
    %D%/midway/expected.by_relevance \
    %D%/midway/expected.jsonl \
    %D%/midway/expected.missing \
    %D%/midway/midway.rank \
    %D%/midway/missing.rank \
    %D%/midway/products.csv \
    %D%/nuts/README.md \
    %D%/nuts/expected.jsonl \
    %D%/nuts/expected.txt \
    %D%/nuts/nuts.csv \
    %D%/nuts/nuts.rank \
    %D%/tutorial/README.md \
    %D%/tutorial/make_data.sh \
    %D%/tutorial/shop.rank \
    %D%/tutorial/shop.svg \
    %D%/web/README.md \
    %D%/web/learned.txt \
    %D%/web/make_data.sh \
    %D%/web/make_model.py \
    %D%/web/web.rank
