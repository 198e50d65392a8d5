# Writes a products file of ROWS rows: awk -v ROWS=1000000 -f scan_data.awk
BEGIN {
    srand(7)
    print "id,name,brand,price,rating,weight,clicks,age"
    for (i = 1; i <= ROWS; i++)
        printf "%d,\"Product %d, size %d\",brand%d,%.2f,%.1f,%.3f,%d,%d\n", i, i, i % 40, rand() * 500,
            rand() * 1000, rand() * 5, rand() * 2, exp(rand() * 10), rand() * 900
}
