# Expected values of test/cases/bootstrap.json: percentile and BCa limits by boot.ci of the boot package, from the replicates
# and influence values that the file holds. Run in the repository root:
#   Rscript test/cases/bootstrap.R > test/cases/bootstrap.json
library(boot)
list_of <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ", "), "]")
set.seed(20261001)
cases <- character(0)
for (i in 1:8) {
  n <- c(12, 40, 80, 25)[(i - 1) %% 4 + 1]
  data <- round(exp(rnorm(n)), 3)
  statistic <- if (i <= 4) function(d, w) mean(d[w]) else function(d, w) sd(d[w])
  out <- boot(data, statistic, R = c(299, 400)[i %% 2 + 1])
  out$t[, 1] <- round(out$t[, 1], 6)
  influence <- empinf(out, type = "jack")
  limits <- sapply(c(0.9, 0.95), function(level) {
    ci <- suppressWarnings(boot.ci(out, conf = level, type = c("perc", "bca"), L = influence))
    sprintf('{"level": %g, "percentile": %s, "bca": %s}', level, list_of(ci$percent[4:5]), list_of(ci$bca[4:5]))
  })
  cases <- c(cases, sprintf('{"estimate": %.17g, "standardError": %.17g, "acceleration": %.17g, "limits": [%s], "influence": %s, "replicates": %s}',
    out$t0, sd(out$t[, 1]), sum(influence^3) / (6 * sum(influence^2)^1.5), paste(limits, collapse = ", "), list_of(influence), gsub("0+(,|\\])", "\\1", paste0("[", paste(sprintf("%.6f", sort(out$t[, 1])), collapse = ", "), "]"))))
}
cat(sprintf('{"command": "Rscript test/cases/bootstrap.R", "version": "%s, boot %s", "cases": [\n%s\n]}\n', R.version.string, packageVersion("boot"), paste(cases, collapse = ",\n")))
