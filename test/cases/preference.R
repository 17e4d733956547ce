# Expected values of test/cases/preference.json: the bootstrap of whole units, with R's own resampling, 200,000 times. Run in
# the repository root:
#   Rscript test/cases/preference.R > test/cases/preference.json
set.seed(20261122)
B <- 200000
number <- function(x) sprintf("%.17g", x)
cases <- list(c("-2" = 3, "-1" = 14, "0" = 40, "1" = 25, "3" = 2), c("-1" = 300, "0" = 1500, "1" = 340, "2" = 30, "9" = 4), c("-1" = 4, "1" = 9),
  c("-5" = 1, "0" = 20, "1" = 6), c("-3" = 900, "-1" = 4000, "0" = 90000, "1" = 4400, "4" = 800))
figures <- function(drawn, d) {
  second <- colSums(drawn[d > 0, , drop = FALSE]); first <- colSums(drawn[d < 0, , drop = FALSE])
  share <- (second / (first + second) - .5)[first + second > 0]
  means <- colSums(drawn * d) / colSums(drawn)
  summary <- function(v) sprintf('{"standardError": %s, "interval": [%s]}', number(sd(v)), paste(number(quantile(v, c(.025, .975), names = FALSE)), collapse = ", "))
  sprintf('"creditDifference": %s, "preference": %s', summary(means), summary(share))
}
rows <- vapply(cases, function(counts) {
  d <- as.numeric(names(counts)); n <- sum(counts)
  sprintf('{"histogram": [%s], %s}', paste(sprintf('{"difference": %s, "units": %s}', d, counts), collapse = ", "), figures(rmultinom(B, n, counts / n), d))
}, "")
cat(sprintf('{"command": "Rscript test/cases/preference.R > test/cases/preference.json",\n"version": "%s",\n"resamples": %d,\n"cases": [\n%s\n]}\n', R.version.string, B, paste(rows, collapse = ",\n")))
